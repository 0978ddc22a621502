import '../../pages/credits/credits.css'
import { Credits } from '../../pages/credits/credits.tsx'
import { mount } from '../../ui/mount.tsx'

mount(<Credits />, 'credits_title')
