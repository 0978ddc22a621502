import '../../pages/welcome/welcome.css'
import { Welcome } from '../../pages/welcome/welcome.tsx'
import { mount } from '../../ui/mount.tsx'

mount(<Welcome />, 'welcome_title')
